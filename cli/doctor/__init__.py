"""`photoferry doctor`: looks at everything that an operator would, and says what to do."""
