"""What an organization has committed per day, so that a spend cap is checked without reading the month's jobs.

Revision ID: 2026_12_11_spends
Revises: 2026_12_10_sources
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.ddl import columns, reference

revision = "2026_12_11_spends"
down_revision = "2026_12_10_sources"

# jobs that were imported were paid for in another installation
_COUNTS = "{row}.imported_at IS NULL AND {row}.status IN ('queued', 'running', 'succeeded')"

_ADD = """
INSERT INTO daily_spends (organization_id, day, cost_chf)
VALUES ({row}.organization_id, ({row}.created_at AT TIME ZONE 'UTC')::date, {cost})
ON CONFLICT (organization_id, day) DO UPDATE SET cost_chf = daily_spends.cost_chf + excluded.cost_chf;
"""

_COUNT = f"""
CREATE FUNCTION count_spending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND {_COUNTS.format(row="OLD")} THEN
        {_ADD.format(row="OLD", cost="-OLD.cost_chf")}
    END IF;
    IF TG_OP <> 'DELETE' AND {_COUNTS.format(row="NEW")} THEN
        {_ADD.format(row="NEW", cost="NEW.cost_chf")}
    END IF;
    RETURN NULL;
END
$$
"""

_COUNTED = "{row}.organization_id, {row}.created_at, {row}.cost_chf, ({counts})"
_OLD, _NEW = (_COUNTED.format(row=row, counts=_COUNTS.format(row=row)) for row in ("OLD", "NEW"))
_EVENTS = {
    "INSERT": f"NEW.cost_chf <> 0 AND {_COUNTS.format(row='NEW')}",
    "DELETE": f"OLD.cost_chf <> 0 AND {_COUNTS.format(row='OLD')}",
    # not at each progress of a job
    "UPDATE OF organization_id, created_at, cost_chf, imported_at, status": f"({_OLD}) IS DISTINCT FROM ({_NEW})",
}

_UNTIL_NOW = """
INSERT INTO daily_spends (organization_id, day, cost_chf)
SELECT organization_id, (created_at AT TIME ZONE 'UTC')::date, sum(cost_chf) FROM generations
WHERE imported_at IS NULL AND status IN ('queued', 'running', 'succeeded') GROUP BY 1, 2
"""


def upgrade() -> None:
    op.create_table(
        "daily_spends",
        reference("organization_id", "organizations", primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        *columns("cost_chf numeric(14,4)"),
    )
    op.execute(_COUNT)
    for event, is_counted in _EVENTS.items():
        # at the end of a transaction, which holds all its other locks then: it cannot block one that waits for it
        op.execute(
            f"CREATE CONSTRAINT TRIGGER count_spending_{event.split()[0].lower()} AFTER {event} ON generations "
            f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({is_counted}) EXECUTE FUNCTION count_spending()"
        )
    op.execute(_UNTIL_NOW)
