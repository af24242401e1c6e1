"""What siglum costs, beside what else one would run: `python -m benchmarks` from the root of the checkout."""
