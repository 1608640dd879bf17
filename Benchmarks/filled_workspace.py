"""A workspace with many tasks and their history, for the benchmarks of moves."""
import os
import random
import sqlite3
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("MINSKY", os.path.join(ROOT, ".build", "release", "minsky"))
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
NOW = "2026-01-01T00:00:00.000000Z"
TABLES = ["operations", "changes", "actors", "tasks", "task_dependencies", "task_tags", "notes", "embeddings", "ai_calls"]


def fill(folder, count):
    """A workspace with so many tasks, in breakdowns of 100, with tags, dependencies, vectors and their history."""
    environment = {**os.environ, "HOME": folder}
    subprocess.run([BINARY, "-C", folder, "init", "-q"], check=True, env=environment)
    subprocess.run([BINARY, "-C", folder, "add", "-q", "First"], check=True, env=environment, stdout=subprocess.DEVNULL)
    path = os.path.join(folder, ".minsky", "tasks.db")
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA recursive_triggers = ON")
    database.execute("PRAGMA cache_size = -200000")
    generator = random.Random(1)
    ids = ["".join(generator.choices(ALPHABET, k=16)) for _ in range(count)]
    vector = bytes(range(256)) * 6
    database.execute("BEGIN")
    for start in range(0, count, 100):
        database.execute(
            "INSERT INTO operations (id, sequence, replica_id, actor, command, hlc, schema_version, recorded_at) "
            f"SELECT ?, max(sequence) + 1, 'bench', 'ada', 'add', max(hlc) + 1, 1, '{NOW}' FROM operations",
            ("".join(generator.choices(ALPHABET, k=16)),))
        database.execute("UPDATE context SET operation = (SELECT max(number) FROM operations)")
        part = ids[start:start + 100]
        database.executemany(
            "INSERT INTO tasks (id, title, description, parent_id, rank, created_by, created_at, updated_at, estimate_minutes, "
            "complexity, metadata) VALUES (?, ?, ?, ?, ?, 'ada', ?, ?, 30, 5, '{\"n\":1,\"source\":\"bench\"}')",
            [(task, f"Task number {start + place} of the benchmark",
              "A sentence or two on what is to be done and how one knows." if place % 2 else None,
              part[0] if place else None, f"{place:06d}", NOW, NOW) for place, task in enumerate(part)])
        database.executemany("INSERT INTO task_tags VALUES (?, ?, ?)",
                             [(task, f"tag{place % 50}", NOW) for place, task in enumerate(part)])
        database.executemany("INSERT INTO task_dependencies VALUES (?, ?, ?)",
                             [(part[place], part[place - 1], NOW) for place in range(2, len(part), 2)])
        database.executemany(
            "INSERT INTO embeddings (owner_id, owner_table, model, dims, content_hash, vector, created_at) "
            "VALUES (?, 'tasks', 'm', 384, 'h', ?, ?)", [(task, vector, NOW) for task in part[::10]])
    database.execute("UPDATE context SET operation = 0")
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    rows = sum(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES)
    database.close()
    return path, rows
