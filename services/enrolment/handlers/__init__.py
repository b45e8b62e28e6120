"""What a request, an event or a due job leads to: load, decide, save, in one transaction each."""
