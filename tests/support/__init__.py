"""What several tests share: machines and worlds to try, random ones, projects on disk."""
