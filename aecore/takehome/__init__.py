"""What visitors take home, and bring back: code, figures, weights. No Streamlit here."""
