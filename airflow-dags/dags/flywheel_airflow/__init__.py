"""What the DAGs share: how a command is submitted, and which landing days a run takes in."""
