"""The one Postgres: schema, migrations, connections and the embedded server; knows no business rule."""
