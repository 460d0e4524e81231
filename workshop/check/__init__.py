"""`python3 -m workshop check`: does the learner's project keep the promises of a step?"""
