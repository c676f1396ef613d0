"""How good tracking is: a job's records compared with the truth, ids counted across all cameras."""

from __future__ import annotations

from evaluation.boxes import ALL, evaluate
from evaluation.report import Report, make_report

__all__ = ["ALL", "Report", "evaluate", "make_report"]
