"""The site as a whole: its feed and statistics, jobs, files, forms that were sent."""
