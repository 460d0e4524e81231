"""`python3 -m workshop.maintain …`: tools that carry a change through the steps and lessons."""
