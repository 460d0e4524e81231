"""What a lesson says, apart from what runs it: nothing here starts a process."""
