"""Getting rid of the bytes that a changed or deleted row leaves behind in the files of the database."""

from sqlalchemy import Connection, Engine

PATIENCE_SECONDS = 60  # for others who use an SQLite database meanwhile


def purge(engine: Engine, *, full: bool = False) -> bool:
    """Write the database's files anew without what is gone; False if others kept an SQLite log from being emptied.

    `full`: PostgreSQL rewrites each table, which nobody can use meanwhile; without it, freed space is reused in time.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(begin="") as connection:
            return _purge_sqlite(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM (FULL)" if full else "VACUUM")
    return True


def _purge_sqlite(connection: Connection) -> bool:
    patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.exec_driver_sql(f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000}")
    try:
        asked = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5(%'"
        for index in connection.exec_driver_sql(asked).scalars().all():
            # An index keeps the words of deleted rows until its parts are merged into one.
            connection.exec_driver_sql(f'INSERT INTO "{index}"("{index}") VALUES (\'optimize\')')  # noqa: S608
        connection.exec_driver_sql("VACUUM")
        busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not busy
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
