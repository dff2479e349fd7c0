"""What a task file uses: strategies that draw cases, oracles, judges."""
