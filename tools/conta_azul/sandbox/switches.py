"""Which of the ERP's behaviours the sandbox shows; mutable on purpose, so that a test can flip one while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Company:
    """The synthetic shop whose ERP account this is."""

    id: str = "7d3f1b52-6c1e-4f6a-9b0e-2f6f3f0c1a11"
    document: str = "11222333000181"
    legal_name: str = "Novo Israel Comércio de Artigos Evangélicos Ltda"
    trade_name: str = "Novo Israel"
    email: str = "contato@novoisrael.example"


@dataclass(slots=True)
class Switches:
    client_id: str = "sandbox"
    client_secret: str = "sandbox"  # noqa: S105 - opens nothing but this sandbox
    redirect_uris: tuple[str, ...] = ()
    """Registered callbacks, compared exactly; empty accepts any."""
    code_seconds: float = 180
    access_token_seconds: float = 3600
    rotate_refresh_token: bool = True
    """Off: the same refresh token stays good and is sent again."""
    omit_refresh_token: bool = False
    """On: a refresh answers without `refresh_token`, and the old one stays good."""
    invalid_client_status: int = 400
    portal_account: bool = False
    """On: the consent was given with a developer-portal account, so every call is a 401."""
    trial_ended: bool = False
    rate_limit: bool = True
    """10 calls a second and 600 a minute for the account."""
    send_retry_after: bool = False
    variants_have_detail: bool = True
    """Off: the detail of a variant's own id is a 404, only its parent has one."""
    strict_parameters: bool = False
    """On: query parameters that are silently ignored are logged as well."""
    refuse_repeated_number: bool = True
    """Off: a sale whose number is used already is accepted beside the other."""
    numbers_taken: int = 0
    """How many of the next sales find that somebody else has just used their number."""
    writes_lost: int = 0
    """How many of the next writes are applied although their answer is bad, as `lost_answer` says."""
    lost_answer: str = "500"
    """"500", or "cut": the connection ends in the middle of the answer."""
    lost_write_delay_seconds: float = 0
    """A lost write is applied only so long after its bad answer."""
    writes_failed: int = 0
    """How many of the next writes are answered with 500 and not applied."""
    stock_moves_stamp: bool = False
    """On: selling a product changes its `ultima_atualizacao`."""
    refuse_repeated_document: bool = False
    """On: a person whose CPF or CNPJ is known already is refused."""
    masked_documents: bool = False
    """On: CPF and CNPJ come back with dots and dashes."""
    event_delay_seconds: float = 0
    """How long after its approval a sale's financial event, and with it its receivables, shows."""
    charging_account: bool = True
    """Off: the shop never opened the account that charges go to."""
    charge_script: tuple[str, ...] = ("AGUARDANDO_CONFIRMACAO", "REGISTRADO")
    """A new charge's status, and the one at each read after; the last stays ("…", "REGISTRADO", "PAGO" pays itself)."""
    cancel_script: tuple[str, ...] = ("EM_CANCELAMENTO", "CANCELADO")
    """The same from a charge's deletion on; ("EM_CANCELAMENTO", "FALHA_CANCELAR") leaves it to be paid."""
    cancelled_charge_missing_reads: int = 1
    """How many reads after a deletion find nothing."""
    company: Company = field(default_factory=Company)
