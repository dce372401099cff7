"""How territory models are agreed on, and how sellers take territories."""
