"""Speed as ratios: ours and a stock build of the same work, measured side by side in one run on one machine."""
