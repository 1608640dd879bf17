extension String {
    /// The text without the white space around it, compared by scalar: a line feed with a mark behind it is white space.
    public var trimmingSpace: String {
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        guard let start = unicodeScalars.firstIndex(where: { !isSpace($0) }),
            let end = unicodeScalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(unicodeScalars[start...end])
    }
}
