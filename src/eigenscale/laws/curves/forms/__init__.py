"""The forms that laws of the curve take, one small file each."""
