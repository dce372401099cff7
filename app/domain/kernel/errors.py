"""Refusals: one hierarchy without HTTP numbers, one registry of stable codes.

A code is defined once, never reused, and belongs to one class of refusal. Adapters map the class to a status and the
code to a problem page; the text is offered in English and French.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One finding on one place of the input; `pointer` is a JSON pointer into it."""

    pointer: str
    code: str
    detail: str


class DomainError(Exception):
    """A refusal with a stable code. Raise it through `refuse`."""

    def __init__(
        self, code: str, detail: str, errors: tuple[FieldError, ...] = (), facts: dict[str, Any] | None = None
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.facts = facts or {}


class Invalid(DomainError):
    """The input cannot be understood or breaks a rule whatever the state."""


class Malformed(Invalid):
    """The request itself (syntax, parameter, cursor, header) is wrong."""


class Unauthenticated(DomainError):
    """Nobody, or nobody we know, is asking."""


class Forbidden(DomainError):
    """The actor is known and may not."""


class NotFound(DomainError):
    """It does not exist, or the actor may not know that it does."""


class Conflict(DomainError):
    """The present state does not allow it."""


class Stale(DomainError):
    """The caller's version is not the current one."""


class VersionRequired(DomainError):
    """The caller must say which version it means to change."""


class LimitExceeded(DomainError):
    """Too much was asked: size, rate, depth or cost."""


class Internal(DomainError):
    """A defect of ours; the caller is told nothing but the trace id."""


class Busy(DomainError):
    """Somebody else holds it, or the service cannot answer now; the same call may succeed later."""


@dataclass(frozen=True)
class Problem:
    """A registered refusal: its class, its titles, and what the caller can do."""

    code: str
    kind: type[DomainError]
    title: str
    title_fr: str
    remedy: str = ""
    context: str = field(default="kernel", compare=False)


PROBLEMS: dict[str, Problem] = {}


def define(code: str, kind: type[DomainError], title: str, title_fr: str, remedy: str = "") -> None:
    """Register a refusal. A code is registered once in the life of the product."""
    if code in PROBLEMS:
        raise RuntimeError(f"the problem code {code!r} is defined twice")
    PROBLEMS[code] = Problem(code, kind, title, title_fr, remedy)


def refuse(
    code: str, detail: str = "", *, pointer: str | None = None, errors: tuple[FieldError, ...] = (), **facts: Any
) -> DomainError:
    """Build the refusal registered under `code`; the caller raises it.

    `pointer` marks the one input field at fault; `facts` are machine-readable details shown to the caller.
    """
    problem = PROBLEMS[code]
    text = detail or problem.title
    if pointer is not None:
        errors = (FieldError(pointer, code, text), *errors)
    return problem.kind(code, text, errors, facts)


define("invalid_input", Invalid, "The input is not valid", "La saisie n'est pas valide", "Correct the listed fields.")
define(
    "malformed_request",
    Malformed,
    "The request cannot be read",
    "La requête est illisible",
    "Send well-formed JSON of the documented shape.",
)
define(
    "unknown_parameter",
    Malformed,
    "A query parameter is not known",
    "Un paramètre est inconnu",
    "Use only the parameters the operation documents.",
)
define(
    "invalid_parameter",
    Malformed,
    "A query parameter has a wrong value",
    "Un paramètre a une valeur incorrecte",
    "Correct the parameter named in errors.",
)
define(
    "cursor_mismatch",
    Malformed,
    "The cursor belongs to another list",
    "Le curseur appartient à une autre liste",
    "Start again without a cursor; keep filters and sort while paging.",
)
define(
    "unauthenticated",
    Unauthenticated,
    "Credentials are missing or not valid",
    "Identification absente ou non valide",
    "Send a valid API key or token as `Authorization: Bearer …`.",
)
define(
    "permission_required",
    Forbidden,
    "Your role does not allow this",
    "Votre rôle ne le permet pas",
    "Ask somebody whose role holds the permission named in `permission`.",
)
define(
    "not_found",
    NotFound,
    "It does not exist or is not visible to you",
    "Introuvable ou non visible pour vous",
    "Check the identifier and your visibility.",
)
define(
    "unknown_reference",
    Invalid,
    "A referenced object does not exist",
    "Un objet référencé n'existe pas",
    "Use the id of an object that exists and is visible to you.",
)
define(
    "already_exists",
    Conflict,
    "It exists already",
    "Cela existe déjà",
    "Use the existing one, or another key.",
)
define(
    "still_referenced",
    Conflict,
    "Something else still refers to it",
    "Un autre objet s'y réfère encore",
    "Remove or change what refers to it first.",
)
define(
    "constraint_violated",
    Invalid,
    "A rule of the data is broken",
    "Une règle des données n'est pas respectée",
    "Correct the value named in the detail.",
)
define(
    "period_overlap",
    Conflict,
    "The date range overlaps another one",
    "La période en chevauche une autre",
    "Choose dates that do not overlap; `effective_to` is exclusive.",
)
define(
    "illegal_transition",
    Conflict,
    "The action is not possible in this state",
    "Action impossible dans cet état",
    "See `allowed_actions` for what is possible now.",
)
define(
    "stale_version",
    Stale,
    "It was changed since you read it",
    "Modifié depuis votre lecture",
    "Read it again and repeat with the current ETag.",
)
define(
    "version_required",
    VersionRequired,
    "Say which version you change",
    "Précisez la version à modifier",
    "Send `If-Match` with the ETag you read.",
)
define(
    "idempotency_key_reused",
    Invalid,
    "The idempotency key was used with another request",
    "La clé d'idempotence a servi à une autre requête",
    "Use a new key for a new request.",
)
define(
    "shown_once",
    Conflict,
    "The first answer held a secret and was not kept",
    "La première réponse contenait un secret et n'a pas été conservée",
    "Use the first answer; if it is lost, revoke what was issued and ask again with a new key.",
)
define(
    "idempotency_key_required",
    Malformed,
    "This operation needs an idempotency key",
    "Cette opération exige une clé d'idempotence",
    "Send `Idempotency-Key` with a unique value and repeat it on retries.",
)
define(
    "body_too_large",
    LimitExceeded,
    "The body is too large",
    "Le corps est trop volumineux",
    "Send less at a time, or use an import.",
)
define(
    "rate_limited",
    LimitExceeded,
    "Too many requests",
    "Trop de requêtes",
    "Wait for the time given in `Retry-After`.",
)
define(
    "query_too_complex",
    LimitExceeded,
    "The query asks for too much",
    "La requête demande trop",
    "Ask for fewer fields, levels or rows.",
)
define(
    "busy",
    Busy,
    "It is being changed by somebody else",
    "En cours de modification par un autre",
    "Try again shortly.",
)
define(
    "unavailable",
    Busy,
    "The service cannot answer now",
    "Le service ne peut répondre maintenant",
    "Try again after the time given in `Retry-After`.",
)
define(
    "comment_required",
    Invalid,
    "This action needs a comment",
    "Cette action exige un commentaire",
    "Say why in `comment`.",
)
define(
    "not_concerned",
    Forbidden,
    "Only the person concerned may do this",
    "Seule la personne concernée peut le faire",
    "Sign in as the seller concerned.",
)
define(
    "four_eyes",
    Forbidden,
    "Nobody decides on their own submission",
    "Nul ne décide de sa propre soumission",
    "Ask a second person.",
)
define(
    "immutable",
    Conflict,
    "It can no longer be changed",
    "Cela ne peut plus être modifié",
    "Create a correction or a new version.",
)
define(
    "internal_error",
    Internal,
    "Something went wrong on our side",
    "Une erreur est survenue de notre côté",
    "Report the trace id.",
)
define(
    "method_not_allowed",
    Malformed,
    "The path does not know this method",
    "Méthode non admise pour ce chemin",
    "See the `Allow` header.",
)
define(
    "job_gave_up",
    Internal,
    "The job failed every time it was tried",
    "La tâche a échoué à chaque essai",
    "Report the job's id, then start it again.",
)
