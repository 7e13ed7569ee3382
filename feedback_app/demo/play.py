"""A closed support case as one line for a shell: signed as the Standard Webhooks specification says."""

import base64
import json

BODY = {
    "type": "support.interaction.closed",
    "timestamp": "$NOW",
    "data": {
        "interaction_id": "case-$TS",
        "channel": "email",
        "subject": "Invoice shows the wrong seat count",
        "closed_at": "$NOW",
        "contact": {
            "email": "dana.whitfield+$TS@harrowfinch.example",
            "name": "Dana Whitfield",
            "company": "Harrow Finch GmbH",
        },
        "agent": {"name": "Priya Raman"},
    },
}


def close_a_case_line(url: str, secret: str) -> str:
    """One line for sh with curl and openssl that closes a new case, each time it is run, for a new contact.

    `secret`: "whsec_" and base64, as the source keeps it. The line carries it, so it is for the demo's source alone.
    """
    key = base64.b64decode(secret.removeprefix("whsec_")).hex()
    body = json.dumps(BODY, separators=(",", ":")).replace('"', '\\"')
    return (
        f'TS=$(date +%s); NOW=$(date -u +%Y-%m-%dT%H:%M:%SZ); BODY="{body}"; '
        f'SIG=$(printf %s "case-$TS.$TS.$BODY" | openssl dgst -sha256 -mac HMAC -macopt hexkey:{key} -binary'
        f" | base64); "
        f'curl -sS {url} -H "Content-Type: application/json" -H "webhook-id: case-$TS" '
        f'-H "webhook-timestamp: $TS" -H "webhook-signature: v1,$SIG" -d "$BODY"'
    )
