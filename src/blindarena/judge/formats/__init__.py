"""Files of other judges' tools: FastChat's read and written, Arena-Hard's and AlpacaEval's read."""
