# SPDX-License-Identifier: Apache-2.0
"""deploy/dev/stack for tests: the same code that people use, with a database connection added."""

import importlib.machinery
import importlib.util
import os
import sys

import psycopg

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load_stack():
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader = importlib.machinery.SourceFileLoader("stack", os.path.join(ROOT, "deploy/dev/stack"))
        spec = importlib.util.spec_from_loader("stack", loader)
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
        return module
    finally:
        sys.dont_write_bytecode = before


_stack = load_stack()
StackError = _stack.StackError
tail = _stack.tail
alive = _stack.alive
start_time = _stack.start_time
children_of = _stack.children_of
NODE = _stack.NODE


class Stack(_stack.Stack):
    def connect(self, user=None, **more):
        """A psycopg connection, autocommit, as superuser unless another login is named."""
        env = self.env()
        return psycopg.connect(
            host=env["PGHOST"], port=env["PGPORT"], dbname=env["PGDATABASE"],
            user=user or env["PGUSER"], autocommit=True, connect_timeout=10, **more)

    def query(self, sql, *parameters):
        """All rows of one statement, on a connection of its own."""
        with self.connect() as connection:
            return connection.execute(sql, parameters or None).fetchall()

    def value(self, sql, *parameters):
        return self.query(sql, *parameters)[0][0]
