import Testing

@testable import MinskyAI

struct SubjectTests {
    @Test(arguments: [
        ("Build user authentication", "user authentication"), ("Add dark mode", "dark mode"),
        ("Fix the login page", "login page"), ("The login page", "login page"), ("Login page", "login page"),
        ("Set up CI", "CI"), ("Roll out the new version", "new version"), ("Implement OAuth login", "OAuth login"),
        ("API documentation", "API documentation"), ("Migrate to PostgreSQL", "PostgreSQL"), ("Bake a cake", "cake"),
        ("fix: crash on start", "crash on start"), ("feat(auth): add SSO", "SSO"),
        ("Write a blog post about Swift", "blog post about Swift"), ("Refactor our payment module", "payment module"),
        ("Clean up the garage", "garage"), ("Docker image", "Docker image"), ("Python upgrade", "Python upgrade"),
        ("iOS app", "iOS app"), ("Fix", "fix"), ("Deploy", "deploy"), ("X", "X"),
        ("Investigate why builds are slow.", "why builds are slow"), ("Why is it slow?", "why is it slow"),
        ("  Plan   the\tsummer party!  ", "summer party"), ("2FA for admins", "2FA for admins"), ("", ""),
        ("...", "..."), ("Add a", "a"), ("Reorganize the wiki", "wiki"),
        ("Überarbeite die Seite", "überarbeite die Seite"), ("Buy milk", "milk"),
        ("E-mail notifications", "E-mail notifications"), ("Learn about databases", "databases"),
        ("Optimize SQL queries;", "SQL queries"),
    ])
    func isTheTitleWithoutItsVerb(title: String, subject: String) {
        #expect(Subject.of(title) == subject)
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
