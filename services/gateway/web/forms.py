"""Forms: what was typed stays, and each thing that is wrong is said beside its field, in the reader's language."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request

from contracts.orders import Locale
from services.gateway.errors import Problem
from services.gateway.web.explaining import explain, explain_field
from services.gateway.web.rendering import locale_of

SAID_IN_THE_FORM = {401, 403, 409, 413, 422, 429}


class Texts(dict[str, str]):
    """What was typed, by field. Raises `Problem` 422 for a field that was not sent; `get` does not."""

    @classmethod
    def of(cls, data: FormData) -> Self:
        """Of a form, without its files."""
        return cls((name, value) for name, value in data.items() if isinstance(value, str))

    def __missing__(self, name: str) -> str:
        raise Problem(422, "incomplete-form", "A part of the form did not arrive. Open the page anew and try again.")


@dataclass
class Form:
    """A form as it was posted: `values` by field, `errors` by field, and `problem` with the form as a whole.

    `with form:` tries what it asks for, and returns from the block when that works.
    """

    locale: Locale
    data: FormData = field(default_factory=FormData)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str | None = None

    @property
    def values(self) -> Texts:
        """What was typed, without files."""
        return Texts.of(self.data)

    @property
    def first_wrong(self) -> str | None:
        """The first field on the page that something is wrong with."""
        return next((name for name in (*self.data, *self.errors) if name in self.errors), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """What is wrong with the form ends the block and is kept to be shown; everything else is raised."""
        if isinstance(error, ValidationError):
            for each in error.errors():
                name = ".".join(str(part) for part in each["loc"])
                self.errors.setdefault(name, explain_field(name, each, self.locale))
            return True
        if isinstance(error, Problem) and error.status in SAID_IN_THE_FORM:
            self._refused(error)
            return True
        return False

    def _refused(self, problem: Problem) -> None:
        sentence = explain(problem, self.locale)
        fields = [each["field"] for each in problem.errors if each["field"] in self.data]
        self.errors |= dict.fromkeys(fields, sentence)
        if not fields:
            self.problem = sentence


async def posted(request: Request) -> Form:
    """The form in the body of a request; the body can be read again."""
    await request.body()
    return Form(locale_of(request), await request.form())
