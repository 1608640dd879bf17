import Foundation

/// The code blocks of a Markdown file that show what `minsky` prints: those with a line that begins with `$ minsky`.
struct Transcript {
    /// A command as it is shown, and what is shown below it.
    struct Step {
        var command: String
        var output: String
    }

    /// Where the block is, for messages: `README.md:24`.
    let place: String
    /// The lines between the fences, in the file.
    let range: Range<Int>
    var steps: [Step]

    /// The block's text, made from its steps.
    var text: [String] {
        steps.flatMap { step in
            ("$ " + step.command).lines + step.output.lines
        }
    }

    /// Every transcript of a file.
    static func all(in lines: [String], of name: String) -> [Transcript] {
        var transcripts: [Transcript] = []
        var start: Int?
        for (index, line) in lines.enumerated() where line.hasPrefix("```") {
            guard let first = start else {
                start = index + 1
                continue
            }
            start = nil
            let block = Array(lines[first..<index])
            guard block.contains(where: { $0.hasPrefix("$ minsky") }) else { continue }
            transcripts.append(Transcript(place: "\(name):\(first)", range: first..<index, steps: steps(of: block)))
        }
        return transcripts
    }

    /// A command goes on in the next line as long as a quote is open or a line ends with a backslash.
    private static func steps(of lines: [String]) -> [Step] {
        var steps: [Step] = []
        var isOpen = false
        for line in lines {
            if isOpen, let last = steps.indices.last {
                steps[last].command += "\n" + line
                isOpen = words(steps[last].command) == nil
            } else if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2)), output: ""))
                isOpen = words(String(line.dropFirst(2))) == nil
            } else if let last = steps.indices.last {
                steps[last].output += line + "\n"
            }
        }
        return steps
    }

    /// The words of a command as a shell reads them; nil when it is not complete.
    static func words(_ command: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in command {
            if isEscaped {
                if character != "\n" { word = (word ?? "") + String(character) }
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let mark = quote {
                if character == mark { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let whole = word { words.append(whole) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let whole = word { words.append(whole) }
        return quote == nil && !isEscaped ? words : nil
    }
}

extension String {
    /// The lines of a text that ends with a line break, or none.
    var lines: [String] {
        let lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.last == "" ? lines.dropLast() : lines
    }
}
