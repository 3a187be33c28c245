"""What handing out tasks must do, as a model in memory, and the same steps on the real database."""
