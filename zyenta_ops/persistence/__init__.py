"""The only SQLAlchemy: schema, repositories, unit of work, engine, migrations."""
