"""The embedded engine: ranking, calibrated posterior, reasons per finding, the next-best question, case memory."""
