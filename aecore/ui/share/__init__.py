"""Hand the page out: its link, a QR code for the room, the code to embed it, the stage."""
