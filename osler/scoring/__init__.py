"""Metrics and statistics: ranked lists, spans, calibration, intervals, paired comparison."""
