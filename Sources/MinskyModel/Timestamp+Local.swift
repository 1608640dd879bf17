extension Timestamp {
    /// Creates the moment at which the clocks of a zone show a date and time.
    ///
    /// The rule is the same in every zone, that of java.time and of RFC 5545 (section 3.3.5): a time that is skipped when
    /// clocks are set forward becomes later by as much as they are, and of a time that comes twice when they are set back
    /// the first one is meant.
    /// - Parameters:
    ///   - wall: What the clock shows, as if it were UTC.
    ///   - utcOffset: The zone's seconds east of UTC at a moment.
    public init(local wall: Timestamp, utcOffset: (Timestamp) -> Int) {
        // Zones lie between 12 hours west and 14 hours east, so these moments are before and after what is looked for.
        let before = utcOffset(wall.adding(seconds: -15 * 3600))
        let after = utcOffset(wall.adding(seconds: 13 * 3600))
        let first = wall.adding(seconds: -before)
        let second = wall.adding(seconds: -after)
        self = utcOffset(first) != before && utcOffset(second) == after ? second : first
    }
}
