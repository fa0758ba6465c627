"""Everything in the library that speaks Streamlit."""
