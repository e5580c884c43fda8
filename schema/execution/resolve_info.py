"""What a resolver may ask about its field and the run; as graphql-core's GraphQLResolveInfo."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from strawberry.execution import optimized_is_awaitable

from schema.execution import field_errors
from schema.execution.plans import Field, Place

if TYPE_CHECKING:
    from schema.execution.execute import Run


class Info:
    """The context at once, for every resolver asks for it; all else is put together when it is asked for."""

    __slots__ = ("_field", "_place", "_run", "_whole", "context")

    def __init__(self, run: "Run", field: Field, place: Place) -> None:
        self.context = run.context
        self._run, self._field, self._place = run, field, place
        self._whole: SimpleNamespace | None = None

    @property
    def notes(self) -> dict[object, Any]:
        """For what hangs on the document alone; graphql-core's has none."""
        return self._field.notes

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  as the name says
        if self._whole is None:
            self._whole = _facts(self._run, self._field, self._place)
        return getattr(self._whole, name)


def _facts(run: "Run", field: Field, place: Place) -> SimpleNamespace:
    plan = run.plan
    return SimpleNamespace(
        field_name=field.nodes[0].name.value,
        field_nodes=field.nodes,
        return_type=field.kind,
        parent_type=field.parent,
        path=field_errors.path(place),
        schema=plan.schema,
        fragments=plan.fragments,
        root_value=run.root,
        operation=plan.operation,
        variable_values=run.variables.coerced,
        is_awaitable=optimized_is_awaitable,
        abort_signal=None,
        operation_extensions=run.extensions,
    )
