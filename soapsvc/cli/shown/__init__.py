"""What commands show for people beyond plain tables: groups with sums, bars, sums of runs and of their differences."""
