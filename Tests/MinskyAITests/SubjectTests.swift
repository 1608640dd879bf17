import Testing

@testable import MinskyAI

struct SubjectTests {
    @Test(arguments: [
        ("Build user authentication", "user authentication"), ("Add dark mode", "dark mode"),
        ("Fix the login page", "the login page"), ("Bake a cake", "the cake"), ("Set up CI", "CI"),
        ("Roll out the new version", "the new version"), ("Implement OAuth login", "OAuth login"),
        ("feat(auth): add SSO", "SSO"), ("Write a blog post about Swift", "the blog post about Swift"),
        ("Refactor our payment module", "our payment module"), ("Clean up the garage", "the garage"),
        ("Plan the summer party!", "the summer party"), ("  Plan   the\tsummer party!  ", "the summer party"),
        ("Learn about databases", "databases"), ("Optimize SQL queries;", "SQL queries"),
        ("Release 3.1", "3.1"), ("Release the app", "the app"), ("Upgrade Rails to 7.2", "Rails to 7.2"),
        ("Study for the bar exam", "the bar exam"), ("Get better at public speaking", "public speaking"),
        ("Plan Anna's wedding", "Anna's wedding"), ("Improve my French", "my French"),
        ("Add an index for orders by customer", "the index for orders by customer"),
    ])
    func isTheTitleWithoutItsVerb(title: String, subject: String) {
        #expect(Subject.of(title) == subject)
    }

    @Test(arguments: [
        "Why is it slow?", "Investigate why builds are slow", "Study whether to adopt Kubernetes",
        "Let users reset their password", "Make the report run faster", "Migrate to PostgreSQL",
        "[checkout] Fix the coupon", "[shop] coupon is applied twice", "Überarbeite die Seite", "给用户增加登录功能",
        "Deutsche Übersetzung der Doku", "Login page", "Stripe integration", "Checkout redesign",
        "Release notes for June",
        "Rename User to Account", "Move the DNS to Cloudflare", "Test Coverage Report", "Book club meeting", "Plan B",
        "Build time in CI", "Buy milk", "Call the dentist",
        "Fix",
        "Design and build a shed", "Fix “the” quote", "fix: crash on start", "...", "Sign in with Google",
        "Add a few things", "Search and replace", "Fix it. Then rest.", "MacBook setup",
    ])
    func isTheWholeTitleQuotedWhereThatIsNotSure(title: String) {
        #expect(Subject.of(title) == "“\(title)”")
    }

    @Test func ofALongTitleTheBeginningIsQuoted() {
        let title = "Write " + String(repeating: "word ", count: 40)
        #expect(Subject.of(title) == "“Write word word word word word word word word word word word word word word…”")
    }

    @Test func placesAreFilled() {
        #expect(
            Subject.fill("Test {item} of {subject} and {item}", subject: "the app", item: "login")
                == "Test login of the app and login")
        #expect(Subject.fill("nothing to fill", subject: "a", item: "b") == "nothing to fill")
    }

    @Test func whatIsFilledInIsNotFilledAgain() {
        #expect(Subject.fill("Test {subject}", subject: "the {item} template", item: "x") == "Test the {item} template")
        #expect(
            Subject.fill("Test {item}", subject: "a", item: "the {subject} template") == "Test the {subject} template")
    }

    @Test func listItemsOfEveryStyleAreFound() {
        let description = """
            Some introduction - with a dash.
            - first
              * second
            • third
            1. fourth
            2) fifth
            10. tenth
            - [ ] open
            - [x] done
            * [X] also done
            3.5 is a number
            1.no blank
            -
            - [ ]
            """
        #expect(
            Subject.items(in: description) == [
                "first", "second", "third", "fourth", "fifth", "tenth", "open", "done", "also done",
            ])
    }

    @Test(arguments: [
        nil, "", "Just a sentence.", "2026-12-01 is the day", "--", "---", "***", "**Note**: bold", "-5 degrees",
        "1.5 hours",
    ])
    func aTextWithoutListHasNoItems(description: String?) {
        #expect(Subject.items(in: description) == [])
    }
}
