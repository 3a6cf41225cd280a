"""What an organization and its projects authenticate with: keys, service accounts, certificates.

https://platform.openai.com/docs/api-reference/administration
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .admin_lists import several
from .admin_people import USERS
from .admin_projects import PROJECTS
from .call import Answer, Call, Operation, page
from .errors import bad, not_found
from .fields import BOOLEAN, PAGE, REQUIRED_STRING, STRING, Field, one_of
from .resources import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_YEAR: Final = 365 * 24 * 3600
_MOST_CERTIFICATES: Final = 50
_ONE_PROJECT: Final = f"{PROJECTS.path}/{{project_id}}"


def _secret(call: Call, prefix: str) -> str:
    return call.state.new_id(prefix, 48)


def _redacted(value: str, shown: int) -> str:
    return f"{value[:shown]}...{value[-4:]}"


def _first_user(call: Call) -> dict[str, Any]:
    """Who makes these calls: nothing in a request says it, so that it is whoever was in the organization first."""
    return next(iter(USERS.shelf(call).values()))


ADMIN_KEYS: Final = Kind(
    "/organization/admin_api_keys", "key_id", prefix="key_", object="organization.admin_api_key", order="asc"
)


def _create_admin_key(call: Call) -> Answer:
    value, created, owner = _secret(call, "sk-admin-"), call.state.now(), _first_user(call)
    lifetime = call.body.get("expires_in_seconds")
    key = {
        "name": call.body["name"],
        "redacted_value": _redacted(value, 9),
        "created_at": created,
        "owner": {
            "type": "user",
            "object": "organization.user",
            "id": owner["id"],
            "name": owner["name"],
            "created_at": owner["added_at"],
            "role": owner["role"],
        },
    }
    made = ADMIN_KEYS.add(call, key)
    made |= {"expires_at": created + lifetime if lifetime else None, "last_used_at": None}
    return {**made, "value": value}


API_KEYS: Final = Kind(
    f"{_ONE_PROJECT}/api_keys", "api_key_id", prefix="key_", object="organization.project.api_key", parent=PROJECTS
)
SERVICE_ACCOUNTS: Final = Kind(
    f"{_ONE_PROJECT}/service_accounts",
    "service_account_id",
    prefix="svc_acct_",
    object="organization.project.service_account",
    update={"name": STRING, "role": one_of("member", "owner")},
    make=lambda call, _id, _given: {"role": "member", "created_at": call.state.now()},
    parent=PROJECTS,
)


def add_api_key(call: Call, name: str, kind: str, owner: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Make an API key of a project.

    Args:
        call: where.
        name: of the key.
        kind: of the owner: `user` or `service_account`.
        owner: whose key it is.

    Returns:
        The key as lists show it, and the key itself.
    """
    value = _secret(call, "sk-proj-")
    key = {
        "name": name,
        "redacted_value": _redacted(value, 8),
        "created_at": call.state.now(),
        "owner_project_access": "active",
        "owner": {"type": kind, kind: dict(owner)},
    }
    made = API_KEYS.add(call, key)
    made["last_used_at"] = None
    return made, value


def _list_api_keys(call: Call) -> Answer:
    access = call.query.get("owner_project_access")
    keys = [each for each in API_KEYS.shelf(call).values() if access in {None, "any", each["owner_project_access"]}]
    return page(keys, call.query, order="asc")


def _delete_api_key(call: Call) -> Answer:
    key = API_KEYS.find(call)
    if key["owner"]["type"] == "service_account":
        raise bad("A key of a service account is deleted with the account.", param="api_key_id")
    del API_KEYS.shelf(call)[key["id"]]
    return {"object": f"{API_KEYS.object}.deleted", "id": key["id"], "deleted": True}


def _account_key(call: Call, account: Mapping[str, Any], name: str) -> dict[str, Any]:
    owner = {field: account[field] for field in ("id", "name", "created_at", "role")}
    key, value = add_api_key(call, name, "service_account", owner)
    return {
        "object": f"{SERVICE_ACCOUNTS.object}.api_key",
        "value": value,
        **{field: key[field] for field in ("name", "created_at", "id")},
    }


def _create_account(call: Call) -> Answer:
    account = SERVICE_ACCOUNTS.add(call, {"name": call.body["name"]})
    alone = call.body.get("create_service_account_only")
    return {**account, "api_key": None if alone else _account_key(call, account, "Secret Key")}


def _create_account_key(call: Call) -> Answer:
    return _account_key(call, SERVICE_ACCOUNTS.find(call), call.body.get("name") or "Secret Key")


def _delete_account(call: Call) -> Answer:
    account, keys = SERVICE_ACCOUNTS.find(call), API_KEYS.shelf(call)
    for key in list(keys.values()):
        if key["owner"].get("service_account", {}).get("id") == account["id"]:
            del keys[key["id"]]
    del SERVICE_ACCOUNTS.shelf(call)[account["id"]]
    return {"object": f"{SERVICE_ACCOUNTS.object}.deleted", "id": account["id"], "deleted": True}


CERTIFICATES: Final = Kind("/organization/certificates", "certificate_id", prefix="cert_", object="certificate")
_TOGGLE: Final = {"certificate_ids": Field(("array",), required=True, fewest=1, most=10, items=STRING)}


def _create_certificate(call: Call) -> Answer:
    content = call.body["certificate"].strip()
    if not content.startswith("-----BEGIN CERTIFICATE-----"):
        raise bad("Invalid certificate: expected one in PEM.", param="certificate", code="invalid_certificate")
    if len(CERTIFICATES.shelf(call)) >= _MOST_CERTIFICATES:
        raise bad(f"An organization has at most {_MOST_CERTIFICATES} certificates.", code="too_many_certificates")
    created = call.state.now()
    made = CERTIFICATES.add(call, {"name": call.body.get("name") or "", "created_at": created, "content": content})
    # Nothing here reads what it says about its time.
    made["certificate_details"] = {"valid_at": created, "expires_at": created + _YEAR}
    return _shown(made)


def _shown(certificate: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {**{name: value for name, value in certificate.items() if name != "content"}, **changes}


def _retrieve_certificate(call: Call) -> Answer:
    certificate = CERTIFICATES.find(call)
    details = certificate["certificate_details"]
    if "content" in (call.query.get("include") or ()):
        details = {**details, "content": certificate["content"]}
    return _shown(certificate, certificate_details=details, active=certificate["id"] in _active(call))


def _update_certificate(call: Call) -> Answer:
    certificate = CERTIFICATES.find(call)
    certificate["name"] = call.body.get("name") or certificate["name"]
    return _shown(certificate)


def _delete_certificate(call: Call) -> Answer:
    certificate_id = CERTIFICATES.find(call)["id"]
    projects = PROJECTS.shelf(call)
    if any(certificate_id in _active(call, project_id) for project_id in (None, *projects)):
        raise bad("The certificate is active and can't be deleted.", param="certificate_id", code="certificate_active")
    del CERTIFICATES.shelf(call)[certificate_id]
    return {"object": "certificate.deleted", "id": certificate_id}


def _active(call: Call, project_id: str | None = None) -> dict[str, dict[str, Any]]:
    """The certificates in use, by their ids, in a project or in the whole organization."""
    return call.state.shelf(f"certificates active in {project_id or 'the organization'}")


def _list_certificates(call: Call) -> Answer:
    return page(_certificates(call, CERTIFICATES.shelf(call)), call.query, order="desc")


def _certificates(call: Call, ids: Any) -> list[dict[str, Any]]:
    project_id = call.path.get("project_id")
    if project_id is not None:
        PROJECTS.find(call)
    active, shelf = _active(call, project_id), CERTIFICATES.shelf(call)
    for certificate_id in ids:
        if certificate_id not in shelf:
            raise not_found(f"No certificate found with id '{certificate_id}'.", param="certificate_ids")
    name = "organization.certificate" if project_id is None else "organization.project.certificate"
    return [_shown(shelf[each], object=name, active=each in active) for each in ids]


def _toggle(verb: str, switch: Callable[[dict[str, dict[str, Any]], str], object]) -> Callable[[Call], Answer]:
    def toggle(call: Call) -> Answer:
        ids = call.body["certificate_ids"]
        # All are looked up before the first is switched.
        name = _certificates(call, ids)[0]["object"]
        for certificate_id in ids:
            switch(_active(call, call.path.get("project_id")), certificate_id)
        return {"object": f"{name}.{verb}", "data": _certificates(call, ids)}

    return toggle


_activate = _toggle("activation", lambda active, certificate_id: active.setdefault(certificate_id, {}))
_deactivate = _toggle("deactivation", lambda active, certificate_id: active.pop(certificate_id, None))
_OF_PROJECT: Final = f"{_ONE_PROJECT}/certificates"

OPERATIONS: Final = (
    *ADMIN_KEYS.operations(["list"]),
    Operation(
        "POST",
        ADMIN_KEYS.path,
        _create_admin_key,
        body={"name": REQUIRED_STRING, "expires_in_seconds": Field(("integer",), minimum=1, maximum=_YEAR)},
    ),
    *ADMIN_KEYS.operations(["retrieve", "delete"]),
    Operation(
        "GET",
        API_KEYS.path,
        _list_api_keys,
        query={**PAGE, "owner_project_access": one_of("active", "inactive", "any")},
    ),
    *API_KEYS.operations(["retrieve"]),
    Operation("DELETE", f"{API_KEYS.path}/{{api_key_id}}", _delete_api_key),
    *SERVICE_ACCOUNTS.operations(["list"]),
    Operation(
        "POST",
        SERVICE_ACCOUNTS.path,
        _create_account,
        body={"name": REQUIRED_STRING, "create_service_account_only": BOOLEAN},
    ),
    *SERVICE_ACCOUNTS.operations(["retrieve", "update"]),
    Operation("DELETE", f"{SERVICE_ACCOUNTS.path}/{{service_account_id}}", _delete_account),
    Operation(
        "POST",
        f"{SERVICE_ACCOUNTS.path}/{{service_account_id}}/api_keys",
        _create_account_key,
        body={"name": STRING, "scopes": Field(("array",), items=STRING)},
    ),
    Operation("GET", CERTIFICATES.path, _list_certificates, query=PAGE),
    Operation("POST", CERTIFICATES.path, _create_certificate, body={"name": STRING, "certificate": REQUIRED_STRING}),
    Operation("POST", f"{CERTIFICATES.path}/activate", _activate, body=_TOGGLE),
    Operation("POST", f"{CERTIFICATES.path}/deactivate", _deactivate, body=_TOGGLE),
    Operation(
        "GET",
        f"{CERTIFICATES.path}/{{certificate_id}}",
        _retrieve_certificate,
        query={"include": several("content")},
    ),
    Operation("POST", f"{CERTIFICATES.path}/{{certificate_id}}", _update_certificate, body={"name": STRING}),
    Operation("DELETE", f"{CERTIFICATES.path}/{{certificate_id}}", _delete_certificate),
    Operation("GET", _OF_PROJECT, _list_certificates, query=PAGE),
    Operation("POST", f"{_OF_PROJECT}/activate", _activate, body=_TOGGLE),
    Operation("POST", f"{_OF_PROJECT}/deactivate", _deactivate, body=_TOGGLE),
)
