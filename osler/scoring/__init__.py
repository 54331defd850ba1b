"""Metrics and statistics: ranked lists, calibration, intervals, paired comparison. Sees references; no method does."""

from osler.scoring.calibration import Reliability, auroc, brier, brier_skill, ece, reliability_table
from osler.scoring.intervals import Interval, cluster_bootstrap, wilson
from osler.scoring.paired import Paired, mcnemar_exact, paired_bootstrap, sign_flip_test, wins_losses_ties
from osler.scoring.ranked import best_rank, mean_reciprocal_rank, pessimistic_rank, recall_at

__all__ = [
    "Interval",
    "Paired",
    "Reliability",
    "auroc",
    "best_rank",
    "brier",
    "brier_skill",
    "cluster_bootstrap",
    "ece",
    "mcnemar_exact",
    "mean_reciprocal_rank",
    "paired_bootstrap",
    "pessimistic_rank",
    "recall_at",
    "reliability_table",
    "sign_flip_test",
    "wilson",
    "wins_losses_ties",
]
