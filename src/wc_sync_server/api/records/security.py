"""How OpenAPI calls the token of people; what it says is read in asking.py."""

from collections.abc import Sequence

from fastapi import Depends
from fastapi.params import Depends as Dependency
from fastapi.security import HTTPBearer

BEARER: Sequence[Dependency] = [
    Depends(HTTPBearer(auto_error=False, scheme_name="person", description="A token of POST /v1/people/token."))
]
