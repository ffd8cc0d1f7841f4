"""Makes sure there is a database of this version to talk to: the configured one, or the embedded one."""

from __future__ import annotations

import psycopg

from database.embedded import start_embedded_postgres
from database.migrate import migrate
from settings import ConfigurationError, Settings


def prepare_database(settings: Settings) -> str:
    """Start the embedded Postgres if none is configured, migrate, and return the address.

    Raises ConfigurationError when the configured database cannot be reached.
    """
    if settings.database_url is None:
        url = start_embedded_postgres(settings.data_dir.resolve() / "postgres")
    else:
        url = settings.database_url.get_secret_value()
    try:
        migrate(url)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise ConfigurationError(
            [f"DATABASE_URL: the database does not answer ({reason}). Does the server run?"]
        ) from None
    return url
