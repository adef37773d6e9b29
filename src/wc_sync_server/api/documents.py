"""What the published OpenAPI says beyond the handlers: bodies, problems, the headers of a proof."""

from typing import Any

from pydantic import BaseModel

from wc_contract.wire.messages import Problem
from wc_contract.wire.proof import DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER

DESCRIPTION = """
How workstations of White Cross exchange entries and records with their district.

Every request but those of health is signed: `WC-Proof` is the Ed25519 signature, in base64, of six lines (the word
wc-proof-1, the method, the path with its query, the SHA-256 of the body as sent, the nonce, the SHA-256 of the token),
`WC-Nonce` a nonce from the last answer's `WC-Next-Nonce`. Bodies may be sent with `Content-Encoding: zstd` or `gzip`.
Everything that goes wrong is a problem document (RFC 9457) with a stable `code`.
"""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem, RFC 9457",
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
}

PROOF_HEADERS: list[dict[str, Any]] = [
    {"name": name, "in": "header", "required": name != DEVICE_HEADER, "schema": {"type": "string"}}
    for name in (DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER)
]


def body_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the description of a request whose body is a message of that kind."""
    return {"parameters": PROOF_HEADERS, **content_of(kind)}


def content_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the description of a body that is a message of that kind, for a request that no device signs."""
    schema = kind.model_json_schema(ref_template=f"#/components/schemas/{kind.__name__}_{{model}}")
    # One schema, nothing beside it: definitions are written in place.
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _inlined(schema)}}}}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    parts = {key: value for key, value in schema.items() if key != "$defs"}
    definitions: dict[str, Any] = schema.get("$defs", {})

    def resolve(node: Any) -> Any:  # noqa: ANN401  # JSON is whatever JSON is
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).rsplit("_", 1)[-1]
            return resolve(definitions[name]) if name in definitions else {k: resolve(v) for k, v in node.items()}
        return [resolve(part) for part in node] if isinstance(node, list) else node

    resolved: dict[str, Any] = resolve(parts)
    return resolved
