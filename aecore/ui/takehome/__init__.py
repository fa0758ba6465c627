"""Taking a training home, and bringing one back."""
