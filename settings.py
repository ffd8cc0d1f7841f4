"""The only reader of the environment: every setting, its meaning, and one readable refusal listing every problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent

WHATSAPP_VARIABLES = (
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_PHONE_NUMBER_ID",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
)


SHORTEST_SECRET = 16
"""Characters of a secret that we choose ourselves."""


class ConfigurationError(Exception):
    """The environment cannot be used; the message lists every problem and what to do."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        lines = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(problems, 1))
        super().__init__(
            f"The configuration has {len(problems)} problem(s):\n{lines}\nSee .env.example for every variable."
        )


def _variable(name: str, default: Any, description: str, section: str, **extra: Any) -> Any:
    return Field(
        default,
        validation_alias=AliasChoices(name),
        description=description,
        json_schema_extra={"section": section},
        **extra,
    )


class Settings(BaseSettings):
    """Everything that can be configured, read from the environment and `.env`. Unset means the embedded default."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = _variable(
        "NOVO_DATA_DIR", Path(".novo"), "Folder for everything the product writes.", "Installation"
    )
    store_id: str = _variable(
        "NOVO_STORE_ID",
        "novo-israel",
        "Which store this installation serves.",
        "Installation",
        pattern=r"^[a-z0-9][a-z0-9-]{1,40}$",
    )
    host: str = _variable("NOVO_HOST", "127.0.0.1", "Address the web process listens on.", "Installation")
    port: int = _variable("NOVO_PORT", 8000, "Port the web process listens on.", "Installation", ge=1, le=65535)
    public_url: str = _variable(
        "NOVO_PUBLIC_URL", "", "How the internet reaches the web process; needed for OAuth callbacks.", "Installation"
    )
    secret_key: SecretStr | None = _variable(
        "NOVO_SECRET_KEY",
        None,
        "Key that encrypts tokens at rest (`novo doctor --new-key` prints one). Unset: one is kept in the data folder.",
        "Installation",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _variable(
        "NOVO_LOG_LEVEL", "INFO", "How much the JSON log says.", "Installation"
    )
    simulator: Literal["auto", "on", "off"] = _variable(
        "NOVO_SIMULATOR", "auto", "The simulator page; auto turns it off once WhatsApp is connected.", "Installation"
    )
    prompts_dir: Path = _variable(
        "NOVO_PROMPTS_DIR", ROOT / "prompts", "Folder of prompts, phrases and store facts.", "Installation"
    )
    plugins_dir: Path | None = _variable(
        "NOVO_PLUGINS_DIR", None, "Folder of drop-in plugin files. Unset: `plugins` in the data folder.", "Installation"
    )
    database_url: SecretStr | None = _variable(
        "DATABASE_URL", None, "Any Postgres 14 or newer, Supabase included. Unset: the embedded Postgres.", "Database"
    )
    whatsapp_access_token: SecretStr | None = _variable(
        "WHATSAPP_ACCESS_TOKEN", None, "Permanent token of the system user.", "WhatsApp Cloud API"
    )
    whatsapp_phone_number_id: str | None = _variable(
        "WHATSAPP_PHONE_NUMBER_ID", None, "Id of the number (not the number itself).", "WhatsApp Cloud API"
    )
    whatsapp_app_secret: SecretStr | None = _variable(
        "WHATSAPP_APP_SECRET", None, "App secret; signs every webhook.", "WhatsApp Cloud API"
    )
    whatsapp_verify_token: SecretStr | None = _variable(
        "WHATSAPP_VERIFY_TOKEN",
        None,
        "Word you choose; Meta repeats it when you register the webhook.",
        "WhatsApp Cloud API",
    )
    whatsapp_graph_url: str = _variable(
        "WHATSAPP_GRAPH_URL", "https://graph.facebook.com/v26.0", "Graph API address.", "WhatsApp Cloud API"
    )
    model: str = _variable(
        "NOVO_MODEL",
        "auto",
        "`offline`, `openai:NAME`, or `auto`: OpenAI when a key or address is set, otherwise offline. "
        "For tests only: `obedient`, `lying`, `garbage`.",
        "Chat model",
        pattern=r"^(auto|offline|obedient|lying|garbage|openai:\S+)$",
    )
    openai_api_key: SecretStr | None = _variable(
        "OPENAI_API_KEY", None, "Key of OpenAI or of a compatible server.", "Chat model"
    )
    openai_base_url: str | None = _variable("OPENAI_BASE_URL", None, "Any OpenAI-compatible address.", "Chat model")
    model_timeout: float = _variable(
        "NOVO_MODEL_TIMEOUT", 45.0, "Seconds a turn may wait for the model in all.", "Chat model", gt=0, le=300
    )
    embeddings: str = _variable(
        "NOVO_EMBEDDINGS",
        "local",
        "`local` (multilingual, offline) or `openai:NAME`.",
        "Catalogue search",
        pattern=r"^(local|openai:\S+)$",
    )
    chroma_url: str | None = _variable(
        "CHROMA_URL", None, "Chroma server, when several workers share one index. Unset: embedded.", "Catalogue search"
    )
    catalog_notes: Literal["off", "on"] = _variable(
        "NOVO_CATALOG_NOTES",
        "off",
        "Whether search also reads the synonyms, occasions and audiences that the chat model wrote for products "
        "(`novo catalog enrich`); needs a key.",
        "Catalogue search",
    )
    conta_azul_client_id: str | None = _variable(
        "CONTA_AZUL_CLIENT_ID", None, "Client id of your Conta Azul app. Unset: the sandbox ERP.", "Conta Azul"
    )
    conta_azul_client_secret: SecretStr | None = _variable(
        "CONTA_AZUL_CLIENT_SECRET", None, "Client secret of your Conta Azul app.", "Conta Azul"
    )
    conta_azul_auth_url: str = _variable(
        "CONTA_AZUL_AUTH_URL", "https://auth.contaazul.com", "Conta Azul authorisation host.", "Conta Azul"
    )
    conta_azul_api_url: str = _variable(
        "CONTA_AZUL_API_URL", "https://api-v2.contaazul.com", "Conta Azul resource host.", "Conta Azul"
    )
    payment_webhook_secret: SecretStr | None = _variable(
        "NOVO_PAYMENT_WEBHOOK_SECRET",
        None,
        "Signs what banks and payment providers post to /webhooks/payments; 16 characters or more. Unset: no webhook.",
        "Payments",
    )
    burst_seconds: float = _variable(
        "NOVO_BURST_SECONDS", 1.2, "Silence that ends a customer's burst of messages.", "Runtime", ge=0, le=60
    )
    burst_max_seconds: float = _variable(
        "NOVO_BURST_MAX_SECONDS", 8.0, "Longest wait for a burst to end.", "Runtime", ge=0, le=120
    )
    worker_concurrency: int = _variable(
        "NOVO_WORKER_CONCURRENCY", 50, "Conversations one worker serves at once.", "Runtime", ge=1, le=1000
    )

    @model_validator(mode="after")
    def _whole_groups(self) -> Settings:
        problems = [
            *self._whatsapp_problems(),
            *self._conta_azul_problems(),
            *self._payment_problems(),
            *self._model_problems(),
            *self._url_problems(),
        ]
        if problems:
            raise ConfigurationError(problems)
        return self

    def _whatsapp_problems(self) -> list[str]:
        values = (
            self.whatsapp_access_token,
            self.whatsapp_phone_number_id,
            self.whatsapp_app_secret,
            self.whatsapp_verify_token,
        )
        if not any(values) or all(values):
            return []
        given = [name for name, value in zip(WHATSAPP_VARIABLES, values, strict=True) if value]
        missing = [name for name, value in zip(WHATSAPP_VARIABLES, values, strict=True) if not value]
        return [f"{name} is missing, but {given[0]} is set: WhatsApp needs all four." for name in missing]

    def _conta_azul_problems(self) -> list[str]:
        if bool(self.conta_azul_client_id) == bool(self.conta_azul_client_secret):
            return []
        missing = "CONTA_AZUL_CLIENT_SECRET" if self.conta_azul_client_id else "CONTA_AZUL_CLIENT_ID"
        return [f"{missing} is missing: Conta Azul needs both the client id and the client secret."]

    def _payment_problems(self) -> list[str]:
        secret = self.payment_webhook_secret
        if secret is None or len(secret.get_secret_value()) >= SHORTEST_SECRET:
            return []
        words = f"whoever guesses it marks orders paid. Give it {SHORTEST_SECRET} characters or more."
        return [f"NOVO_PAYMENT_WEBHOOK_SECRET is too short: {words}"]

    def _model_problems(self) -> list[str]:
        problems: list[str] = []
        reachable = self.openai_api_key or self.openai_base_url
        if self.model.startswith("openai:") and not reachable:
            problems.append(f"NOVO_MODEL is {self.model}, but neither OPENAI_API_KEY nor OPENAI_BASE_URL is set.")
        if self.catalog_notes == "on" and not self.chat_model.startswith("openai:"):
            problems.append(
                "NOVO_CATALOG_NOTES is on, but no model can write them: set OPENAI_API_KEY or OPENAI_BASE_URL, and "
                "NOVO_MODEL to auto or openai:NAME."
            )
        if self.embeddings.startswith("openai:") and not reachable:
            problems.append(
                f"NOVO_EMBEDDINGS is {self.embeddings}, but neither OPENAI_API_KEY nor OPENAI_BASE_URL is set."
            )
        return problems

    def _url_problems(self) -> list[str]:
        problems: list[str] = []
        if self.database_url and urlsplit(self.database_url.get_secret_value()).scheme not in (
            "postgres",
            "postgresql",
        ):
            problems.append("DATABASE_URL must start with postgresql:// (Postgres is the only database).")
        for name, value in (
            ("NOVO_PUBLIC_URL", self.public_url),
            ("WHATSAPP_GRAPH_URL", self.whatsapp_graph_url),
            ("OPENAI_BASE_URL", self.openai_base_url),
            ("CONTA_AZUL_AUTH_URL", self.conta_azul_auth_url),
            ("CONTA_AZUL_API_URL", self.conta_azul_api_url),
            ("CHROMA_URL", self.chroma_url),
        ):
            if value and urlsplit(value).scheme not in ("http", "https"):
                problems.append(f"{name} must be an http:// or https:// address, not {value!r}.")
        if not self.prompts_dir.is_dir():
            problems.append(f"NOVO_PROMPTS_DIR {str(self.prompts_dir)!r} is not a folder.")
        return problems

    @property
    def whatsapp_configured(self) -> bool:
        return self.whatsapp_access_token is not None

    @property
    def conta_azul_configured(self) -> bool:
        return self.conta_azul_client_id is not None

    @property
    def simulator_enabled(self) -> bool:
        return self.simulator == "on" or (self.simulator == "auto" and not self.whatsapp_configured)

    @property
    def chat_model(self) -> str:
        """`offline` or `openai:NAME`, with `auto` decided."""
        if self.model != "auto":
            return self.model
        return "openai:gpt-4.1-mini" if self.openai_api_key or self.openai_base_url else "offline"

    @property
    def base_url(self) -> str:
        """The address of the web process, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load_settings(**overrides: Any) -> Settings:
    """Read the environment. Raises ConfigurationError with every problem at once, never a traceback's worth of one."""
    by_alias = {variable_name(Settings.model_fields[name]): value for name, value in overrides.items()}
    try:
        return Settings(**by_alias)
    except ValidationError as error:
        problems = [_readable(problem) for problem in error.errors()]
        refused = {str(problem["loc"][0]) for problem in error.errors()}
    # The cross-field checks did not run yet: run them with the refused variables at their defaults.
    defaults = {variable_name(info): info.default for info in Settings.model_fields.values()}
    try:
        Settings(**by_alias | {name: defaults[name] for name in refused})
    except ConfigurationError as error:
        problems += error.problems
    raise ConfigurationError(problems)


def variable_name(info: FieldInfo) -> str:
    """The environment variable a field is read from."""
    alias = info.validation_alias
    assert isinstance(alias, AliasChoices)
    return str(alias.choices[0])


def _readable(problem: Any) -> str:
    # Values are left out: some are secrets, and the variable's name is enough to find them.
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}."
