"""What happens to pixels on their way from light to numbers: one module, one physical effect each."""
