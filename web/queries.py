"""Refuses a query that the route does not know: a misspelt filter would filter nothing."""

from __future__ import annotations

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute


def refuse_unknown_queries(request: Request) -> None:
    """Look at the names of an address's query.

    Raises:
        RequestValidationError: One is none of the route's.
    """
    route = request.scope["route"]
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = sorted(_names(route.dependant))
    hint = f"no such query; there is {', '.join(known)}" if known else "no such query; this path takes none"
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        raise RequestValidationError(
            [{"type": "unknown_query", "loc": ("query", name), "msg": hint} for name in unknown]
        )


def _names(dependant: Dependant) -> set[str]:
    """Of the queries of a route and of all that it depends on."""
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_names(each) for each in dependant.dependencies))


STRICT_QUERIES = Depends(refuse_unknown_queries)
