"""Start-up: importing the package, and one whole command; figures are shown, not asserted."""

from __future__ import annotations

import subprocess
import sys

from pytest_benchmark.fixture import BenchmarkFixture


def test_import(benchmark: BenchmarkFixture) -> None:
    code = "import chainrule, sys; assert 'numpy' not in sys.modules and 'lark' not in sys.modules"
    benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", code], check=True), rounds=10, warmup_rounds=1
    )


def test_bare_interpreter(benchmark: BenchmarkFixture) -> None:
    benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", ""], check=True), rounds=10, warmup_rounds=1
    )


def test_whole_command(benchmark: BenchmarkFixture) -> None:
    command = [sys.executable, "-m", "chainrule", "derive", "x'*A*x", "--wrt", "x"]
    benchmark.pedantic(
        lambda: subprocess.run(command, check=True, capture_output=True), rounds=10, warmup_rounds=1
    )
