"""Does what the lessons say, in real terminals, and compares what comes."""
