"""The rules of admission: plain values and decisions, without input, output, clock or framework."""
