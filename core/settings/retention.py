"""How long records and archives are kept."""

from pydantic import PositiveFloat, PositiveInt

from core.settings.values import Section


class RetentionSettings(Section):
    """How many days records are kept; a loop deletes older ones every MUSIC_STUDIO_WORKERS__TIDY_SECONDS."""

    share_accesses_days: PositiveInt = 90
    """Days for which attempts to open share links are recorded."""
    visitor_addresses_days: PositiveInt = 7
    """Days after which the IP addresses in these records are shortened to their network (/24, IPv6 /48)."""
    webhook_deliveries_days: PositiveInt = 30
    """Days for which webhook deliveries are kept after they were created, unless they are still pending, and callback
    URLs with their secrets."""
    reference_audios_days: PositiveInt = 30
    """Days after which uploaded reference audio is deleted. The declaration of rights is kept for as long as a job
    names it."""
    exports_days: PositiveInt = 30
    """Days for which finished exports are listed; their archives expire earlier."""
    conversions_days: PositiveInt = 30
    """Days for which failed conversions, and those of deleted tracks, are recorded; converted files are kept with their
    track."""
    removed_files_days: PositiveInt = 1825
    """Days for which removed files of tracks can still be verified."""
    browser_sessions_days: PositiveInt = 7
    """Days for which browser sessions and sign-in codes are recorded after they have expired."""
    idempotency_keys_days: PositiveInt = 7
    """Days for which a request with the same idempotency key returns the earlier job."""


class ExportSettings(Section):
    """Archives of a user's data."""

    kept_seconds: PositiveInt = 259_200
    """Seconds for which a finished export can be downloaded."""
    poll_seconds: PositiveFloat = 2
    """Interval in seconds at which workers look up requested exports."""
    max_attempts: PositiveInt = 3
    """Attempts of an export before it fails permanently."""
